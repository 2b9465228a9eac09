// Package customop is an op of one's own: [PriceBand] turns the house prices that a
// model gives into dollars and into bands.
//
// Importing the package registers the op. It keeps nothing between requests, so one
// value serves them all; the tensors that it makes belong to the graph. One invariant:
// it gives one row for each row of prices.
package customop
