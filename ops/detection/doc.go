// Package detection turns what object detectors compute into boxes ([Boxes],
// [RCNNPostprocess], [BlazeFacePostprocess]) and what segmentation models compute into
// pictures ([SegPostprocess]), with the numbers of Paddle Serving's paddle_serving_app,
// and draws on pictures ([Draw]).
//
// Pictures are tensors of uint8 with shape [H W 3] and channels B G R. Everything is a
// value that is safe to share between goroutines; inputs are read, never kept and never
// changed.
//
// One invariant: whatever a model computed, a step answers with boxes or an error; a
// score that is NaN is no box.
package detection
