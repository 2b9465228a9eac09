// Package zoo finds models by name in indexes and puts them on disk.
//
// An index is a JSON file that says of each model what it is for, where it is, how
// large it is, and its SHA-256. A [Store] is a directory of models: what is in it has
// been checked, and appears in one piece, by renaming a directory. Downloads go on where
// they were cut off; archives are unpacked within bounds and never outside of their
// directory. Nothing is opened but the places that an index or the caller names.
//
// Everything here is safe to do at the same time, from several processes too.
package zoo
