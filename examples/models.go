// Package examples has the models that ship with Sampan, and an index of them.
//
// A model is a directory examples/EXAMPLE/NAME_model or a file that is named here, and a
// line in index.json: `sampan models list` shows it from then on. The test says which size
// and checksum belong there. The models of examples/ocr are too large.
package examples

import "embed"

// Models has index.json and the models.
//
//go:embed index.json all:*/*_model
//go:embed bert/tiny_bert_imdb.onnx classification/fashion_resnet.onnx ctr/deepfm.onnx
//go:embed detection/picodet_xs_320_coco_nms.onnx imdb/imdb_bow.onnx
var Models embed.FS
