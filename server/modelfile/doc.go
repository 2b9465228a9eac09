// Package modelfile reads the options that lie beside a model, in its directory's
// sampan.yaml.
//
// A key that is not known is an error, as is a value of another kind or beyond its range;
// all faults of a file are reported at once, each with its line and path. A file says
// more of its model than the command line does of all, so its values go before those.
// Everything here is safe for concurrent use.
package modelfile
