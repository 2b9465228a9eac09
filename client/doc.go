// Package client is the Go SDK: it calls models that a Sampan or Paddle Serving server
// has on the network.
//
//	c, err := client.Load("uci_housing_client/serving_client_conf.prototxt")
//	err = c.Connect(ctx, "127.0.0.1:9393")
//	defer c.Close()
//	out, err := c.Predict(ctx, client.Feed{"x": x}, []string{"price"})
//	price, err := out.Float32s("price")
//
// The client config says what the model takes and gives; a feed is checked against it
// before anything is sent. Calls travel over TTHeader, gRPC, baidu_std or HTTP, see
// [Transport].
//
// Several servers share the calls, by [Config].Balance; one that fails is left alone for
// a while, and calls that it did not answer are repeated elsewhere within a budget.
// Groups of servers can be [Variant]s among which calls are drawn, from code or from
// Paddle Serving's predictors.prototxt.
//
// Every error is a [sampan.Error]. One that the server made arrives with the server's
// code and text, over baidu_std and HTTP with brpc's code nearest to it; a failure of the
// connection is Unavailable. [EndpointOf] says which server it was.
//
// A [Client] is safe for concurrent use once connected. What is fed is read until
// Predict returns, never written and never kept; a [Result] and its tensors belong to
// the caller. One invariant: a call gives a result or an error, never neither.
package client
