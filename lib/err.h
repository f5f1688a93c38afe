/* The hypervisor's own result type, one of four that are never mixed: hv_err, exit_action, psci_ret_t, SMCCC x0. */
#ifndef LIB_ERR_H
#define LIB_ERR_H

enum hv_err {
	HV_OK = 0,
	HV_EINVAL, /* an argument or an input makes no sense */
	HV_ENOMEM, /* no memory, no room in a table */
	HV_ERANGE, /* outside what is allowed */
	HV_EEXIST, /* overlaps or repeats something that is there */
	HV_ENOENT, /* not there */
	HV_EBUSY,  /* not now */
	HV_EUNSUP, /* a valid request that Corbel does not serve */
	HV_EIO,	   /* hardware or firmware did not answer as it should */
};

#endif
