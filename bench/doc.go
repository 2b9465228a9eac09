// Package bench is the load generator as a library. [Run] keeps a number of workers
// busy with one prepared request, over any [Protocol], and reports throughput, latency
// and errors; on request it measures in the same run how fast the transport alone would
// be, and the model alone.
//
// The loop is closed: a worker sends its next request when the answer to the last one
// is there. So a slow server is asked less often, and the latencies are those of the
// offered concurrency, not of a given arrival rate.
//
// What is measured on the client's side: the request is encoded once, before the run,
// and every reply is read, decoded (over HTTP: checked for status and outline) and
// counted by its error's code. A worker has a connection of its own over TTHeader and
// HTTP; over the others the workers share a few, see [client.Config]. Latencies go into one
// histogram a worker, with three digits, and are merged in the end.
//
// Client and server on one machine share its processors, so a floor is only comparable
// if it shares them in the same way: the echo server belongs into a process of its own,
// see [Config].Echo and [ServeEcho].
//
// Nothing here is kept between runs, and Run returns when all that it started has
// ended. One invariant: a request is counted once, as an answer or as an error.
package bench
