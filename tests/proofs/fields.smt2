; The axioms of fields.h over all 64-bit vectors, with the fields that lib/bits.h computes: each check must be unsat.
(set-logic QF_BV)
(define-sort Word () (_ BitVec 64))
(declare-const m Word) (declare-const lo Word) ; a field: its mask and the number of its lowest bit
(declare-const n Word) (declare-const nlo Word) ; another one
(declare-const a Word) (declare-const b Word) (declare-const v Word)
(define-fun lsb ((lo Word)) Word (bvshl #x0000000000000001 lo))
(define-fun is_field ((m Word) (lo Word)) Bool
  (and (bvult lo #x0000000000000040) (distinct m #x0000000000000000)
       (= (bvand m (bvneg m)) (lsb lo)) (= (bvand m (bvadd m (lsb lo))) #x0000000000000000)))
; Dividing by the lowest bit, as the macros do, is this shift: scripts/prove checks that for each of the 64.
(define-fun get ((m Word) (lo Word) (v Word)) Word (bvlshr (bvand v m) lo))
(define-fun prep ((m Word) (lo Word) (v Word)) Word (bvand (bvshl v lo) m))
(assert (is_field m lo))
(assert (is_field n nlo))
; get_of_or
(push) (assert (= (get m lo a) #x0000000000000000)) (assert (distinct (get m lo (bvor a b)) (get m lo b))) (check-sat) (pop)
(push) (assert (= (get m lo b) #x0000000000000000)) (assert (distinct (get m lo (bvor a b)) (get m lo a))) (check-sat) (pop)
; get_of_prep: v * lsb <= m, without wrapping, is v <= m / lsb
(push) (assert (bvule v (bvlshr m lo))) (assert (distinct (get m lo (prep m lo v)) v)) (check-sat) (pop)
; get_of_prep_elsewhere
(push) (assert (or (bvult n (lsb lo)) (bvult m (lsb nlo)))) (assert (distinct (get m lo (prep n nlo v)) #x0000000000000000)) (check-sat) (pop)
; get_of_cut
(push) (assert (bvult m #x0000000100000000)) (assert (distinct (get m lo (bvand v #x00000000ffffffff)) (get m lo v))) (check-sat) (pop)
; field_get: the bound of what it returns; field_prep: the same
(push) (assert (bvugt (get m lo v) (bvlshr m lo))) (check-sat) (pop)
(push) (assert (bvugt (prep m lo v) m)) (check-sat) (pop)
; inlines.c: low_7 to low_64, bit_7 to bit_63
(push) (assert (distinct (bvand v #x000000000000007f) (bvurem v #x0000000000000080))) (check-sat) (pop)
(push) (assert (distinct (bvand v #x00000000000000ff) (bvurem v #x0000000000000100))) (check-sat) (pop)
(push) (assert (distinct (bvand v #x0000000000007fff) (bvurem v #x0000000000008000))) (check-sat) (pop)
(push) (assert (distinct (bvand v #x000000000000ffff) (bvurem v #x0000000000010000))) (check-sat) (pop)
(push) (assert (distinct (bvand v #x000000007fffffff) (bvurem v #x0000000080000000))) (check-sat) (pop)
(push) (assert (distinct (bvand v #x00000000ffffffff) (bvurem v #x0000000100000000))) (check-sat) (pop)
(push) (assert (distinct (bvand v #x7fffffffffffffff) (bvurem v #x8000000000000000))) (check-sat) (pop)
(push) (assert (distinct (bvand v #x0000000000000080) (bvsub (bvurem v #x0000000000000100) (bvurem v #x0000000000000080)))) (check-sat) (pop)
(push) (assert (distinct (bvand v #x0000000000008000) (bvsub (bvurem v #x0000000000010000) (bvurem v #x0000000000008000)))) (check-sat) (pop)
(push) (assert (distinct (bvand v #x0000000080000000) (bvsub (bvurem v #x0000000100000000) (bvurem v #x0000000080000000)))) (check-sat) (pop)
(push) (assert (distinct (bvand v #x8000000000000000) (bvsub v (bvurem v #x8000000000000000)))) (check-sat) (pop)
; aarch32.c: both
(push) (assert (= (bvand v #x0000000000000030) #x0000000000000030))
(assert (or (= (bvand v #x0000000000000010) #x0000000000000000) (= (bvand v #x0000000000000020) #x0000000000000000))) (check-sat) (pop)
