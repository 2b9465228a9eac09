// Package convert makes of a model what Paddle Serving's converter makes: a directory
// for the server with the model and its signature files, and one for clients with the
// signature files alone.
//
// One invariant: an output is there whole or not at all, and nothing that was there
// before is lost unless an output of the same files takes its place.
package convert
