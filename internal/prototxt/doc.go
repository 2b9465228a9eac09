// Package prototxt reads configuration files in protobuf's text format, strictly: an
// unknown field is an error that says where it is and which name was perhaps meant.
//
// All functions are safe for concurrent use. One invariant: no error shows Go's or
// protobuf's own names, and the same file gives the same text every time.
package prototxt
