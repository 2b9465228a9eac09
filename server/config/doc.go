// Package config reads the directory of prototxt files with which Paddle Serving
// describes a server: services, workflows, resources and engines.
//
// Reading is strict: an unknown field, a name that leads nowhere, a cycle or a setting
// that asks for what Sampan does not have is an error, and all errors come at once,
// each with its file and its place there. What is understood but has no effect is in
// [Config.Notes].
//
// A [Config] is a plain value that is not changed after [Load]. One invariant: what
// Load returns without an error names only files, engines and workflows that exist.
package config
