// Package steps has the named steps of pipelines that are written in YAML alone: reading
// numbers and pictures, words to ids, boxes to crops, scores to labels.
//
// A step maps values to a value. Where one of its values is a [List], as crops of a
// picture are, it works on each element, and gives a list too. Values are texts (string),
// arrays ([sampan.Tensor]), lists of these, or Go values that one step hands to another.
//
// Steps are shared by all calls and safe for concurrent use. One invariant: a step never
// changes what it is given.
package steps
