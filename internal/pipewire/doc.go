// Package pipewire is the message of Paddle Serving's pipelines: its tensors to arrays and
// back, the call to named values, the values to an answer. Both ends use it.
//
// Arrays that come out of a message share no memory with it. One invariant: no memory is
// taken for what a message claims and does not hold.
package pipewire
