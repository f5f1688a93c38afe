# What U-Boot does with Corbel's card; boot.scr is made of it: mkimage -A arm64 -T script -d boot.cmd boot.scr
#
# Addresses are U-Boot's own variables, which differ between its versions. No more than U-Boot's old shell is used.

setenv card "${devtype} ${devnum}:${distro_bootpart}"

# The tree that the firmware made, with the board's memory in it, and TF-A's PSCI; else the one that U-Boot uses itself.
setenv tree "${fdt_addr}"
if test -z "${tree}"; then
	setenv tree "${fdtcontroladdr}"
fi

# Corbel's options, a line options=... of corbel.txt. Blank if there are none: if bootargs were unset, U-Boot would leave the
# firmware's own in the tree, which are for Linux.
setenv options
if test -e ${card} ${prefix}corbel.txt; then
	load ${card} ${ramdisk_addr_r} ${prefix}corbel.txt
	env import -t -r ${ramdisk_addr_r} ${filesize} options
fi
setenv bootargs " ${options}"

# Without a bundle Corbel says so, and its monitor is there.
setenv bundle "-"
if test -e ${card} ${prefix}vms.uimg; then
	size ${card} ${prefix}vms.uimg
	setexpr end ${ramdisk_addr_r} + ${filesize}
	setenv room "yes"
	# The script runs on where it lies, and Corbel's image is loaded below it: only what is above can be in the way.
	if itest ${tree} -ge ${ramdisk_addr_r} && itest ${tree} -lt ${end}; then
		setenv room
	fi
	if test -z "${room}"; then
		echo "boot.scr: vms.uimg does not fit: at ramdisk_addr_r, ${ramdisk_addr_r}, its ${filesize} bytes (hex) reach over the device tree at ${tree}; going on without it."
	elif load ${card} ${ramdisk_addr_r} ${prefix}vms.uimg && iminfo ${ramdisk_addr_r}; then
		setenv bundle "${ramdisk_addr_r}"
		# iminfo has just compared the checksum
		setenv verify n
	else
		echo "boot.scr: vms.uimg on ${card} cannot be read, does not fit into memory, or is not whole; going on without it."
	fi
else
	echo "boot.scr: there is no vms.uimg on ${card}; going on without it."
fi

if load ${card} ${kernel_addr_r} ${prefix}corbel.img; then
	booti ${kernel_addr_r} ${bundle} ${tree}
	echo "boot.scr: booti refused corbel.img on ${card}, or the device tree at ${tree}; the line above says why."
else
	echo "boot.scr: there is no corbel.img on ${card}, or it cannot be read."
fi
echo "boot.scr: nothing to boot. Ctrl-C gives the prompt of U-Boot."
while true; do
	sleep 10
done
