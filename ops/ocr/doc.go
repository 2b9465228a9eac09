// Package ocr turns what text detection and recognition models compute into boxes and
// texts, with the numbers of Paddle Serving's paddle_serving_app and OpenCV: boxes from
// a probability map ([DBPostProcess], [FilterBoxes], [SortedBoxes]) and upright crops
// ([GetRotateCropImage]).
//
// Pictures are tensors of uint8 with shape [H W 3]. Everything is a value that is safe
// to share between goroutines; inputs are read, never kept and never changed.
//
// One invariant: what a model computed cannot make a step fail or take more memory than
// its maps and pictures, whatever the numbers are; NaN is never text.
package ocr
