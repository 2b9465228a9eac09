// Package ocr turns what text detection and recognition models compute into boxes and
// texts, with the numbers of Paddle Serving's paddle_serving_app and OpenCV: boxes from
// a probability map ([DBPostProcess], [FilterBoxes], [SortedBoxes]), upright crops
// ([GetRotateCropImage]), arrays for recognition ([OCRReader]) and texts from its
// probabilities ([Dictionary], [CTC]). [Detection], [Angle] and [Recognition] make the
// arrays of PP-OCRv4.
//
// Pictures are tensors of uint8 with shape [H W 3]. Everything is a value that is safe
// to share between goroutines; inputs are read, never kept and never changed.
//
// One invariant: however strange the numbers are that a model computed, a step takes no
// more memory than its maps and pictures allow. NaN is never text.
package ocr
