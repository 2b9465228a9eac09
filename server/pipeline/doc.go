// Package pipeline serves several models and code of one's own as one service, as Paddle
// Serving's Python pipelines do: it reads their config.yml, answers their clients over
// gRPC, TTHeader and HTTP, and runs the graph as any other of this server.
//
//	svc := pipeline.New("uci", "config.yml", pipeline.Options{Backend: backend})
//	read := svc.Request()
//	price := svc.Add("uci", uci{}, read)
//	svc.Respond(price)
//	err := svc.Run(ctx)
//
// An op is a [Step]: Preprocess makes what the op's model is run on out of what the ops
// before it gave, Postprocess makes the op's result of what the model gave. A type that
// embeds [Op] writes only those that it needs.
//
// Steps are shared by all calls, so they must be safe for concurrent use. What a step is
// given is read-only; what it returns is the pipeline's.
//
// One invariant: a call is answered once, whatever its ops do. One that never returns
// costs its place among the calls under way and nothing else.
package pipeline
