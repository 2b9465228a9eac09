// Package loan lends memory by size class, so that a request's tensors and frames need
// no new memory, and the garbage collector no run, for each request.
//
// Whoever has [Take]n a [Memory] owns it, and gives it back exactly once, when nobody
// will read or write it any more. A second Give is a bug, and so is a use after it; both
// go unseen in a program built as usual. Built with the tag "poison", as the tests of
// the server also are, memory that was given back is overwritten and watched, and
// either bug panics.
//
// All functions are safe for concurrent use; one Memory is not.
package loan
