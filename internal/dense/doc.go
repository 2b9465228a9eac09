// Package dense turns a [sampan.Tensor] into a gorgonia *tensor.Dense and back without
// a copy: both then share the memory, and whoever may change the one changes the other.
//
// gorgonia panics where it is given what it cannot hold; these functions return errors
// instead. They are safe for concurrent use; the arrays themselves are not safe to
// change while another goroutine reads them. One invariant: whatever comes out has a
// shape that its data fills.
package dense
