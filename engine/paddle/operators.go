package paddle

// translator makes the nodes of one operator. What it reads before the first fault is
// real; after it every value is zero, so it may not index by what it has read without
// asking op.err first.
type translator func(*op)

// operators has every Paddle operator that can be translated, other than feed and
// fetch.
var operators = map[string]translator{
	"concat":                   concat,
	"dropout":                  dropout,
	"elementwise_add":          elementwise("Add"),
	"elementwise_div":          elementwise("Div"),
	"elementwise_mul":          elementwise("Mul"),
	"elementwise_sub":          elementwise("Sub"),
	"flatten_contiguous_range": flattenRange,
	"matmul":                   matmul,
	"matmul_v2":                matmulV2,
	"mul":                      mul,
	"relu":                     unary("Relu"),
	"reshape2":                 reshape,
	"scale":                    scale,
	"sigmoid":                  unary("Sigmoid"),
	"softmax":                  softmax,
	"tanh":                     unary("Tanh"),
	"transpose2":               transpose,
}
