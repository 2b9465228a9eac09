// Package graph compiles a description of ops and their dependencies into a [Plan] and
// runs requests through it.
//
// A plan is stages of nodes. A node runs when those that it depends on have ended;
// the nodes of one stage run one after another or, in a parallel plan, at once. All
// faults of a description are found when it is compiled: names, cycles, ends, and
// where both sides are known the names, dtypes and shapes that pass between two nodes.
//
// A [Plan] may be used from many goroutines. The memory in which ops meet belongs to
// the plan and is used again, so a reply is a copy: it shares nothing with it, nor
// with the request. One invariant: when Run returns, no goroutine that it started is
// left, whatever the ops did.
package graph
