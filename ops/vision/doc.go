// Package vision has the picture readers and transforms of Paddle Serving's
// paddle_serving_app, number for number: decoding, resizing as OpenCV 4.6 computes it,
// cropping, normalising.
//
// A picture is a [sampan.Tensor]: uint8 of shape [H W 3], row-major, its channels in the
// order blue, green, red, as OpenCV has them. After [Div] or [Normalize] it is float32, and
// after [Transpose] of shape [3 H W].
//
// Transforms are values that are made once and then serve every call. One invariant: a
// transform never changes what it is given, and takes no memory for what a file claims
// before the claim is checked.
package vision
