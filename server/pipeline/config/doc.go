// Package config reads config.yml, with which Paddle Serving describes a pipeline: its
// ports, its graph and what each op runs.
//
// Reading is strict: a wrong type, a value out of its range, a key that is there twice
// are errors, and all errors come at once, each with its line and its path. A key that
// nobody knows is a warning, or an error where [Options].Strict says so. What is
// understood but has no effect is in [Config.Notes].
//
// Texts are YAML as PyYAML reads it: yes, no, on and off are booleans, 010 is eight,
// `<<` merges mappings. An empty value or ~ stands for the default.
//
// A [Config] is a plain value that is not changed after [Load]. One invariant: every
// number in it lies in the range that its field names, whether it was read, overridden
// or a default.
package config
