package paddle

// pirMatmul has the products of vectors and matrices.
var pirMatmul = map[string]*pirRule{
	"addmm":               rule("addmm", "Input X Y", "Out", "alpha>Alpha beta>Beta"),
	"baddbmm":             rule("baddbmm", "Input X Y", "Out", "alpha>Alpha beta>Beta"),
	"bilinear":            rule("bilinear_tensor_product", "X Y Weight Bias", "Out", ""),
	"bmm":                 rule("bmm", "X Y", "Out", ""),
	"cross":               rule("cross", "X Y", "Out", "axis>dim"),
	"det":                 rule("determinant", "Input", "Out", ""),
	"diag":                rule("diag_v2", "X", "Out", ""),
	"diag_embed":          rule("diag_embed", "Input", "Out", ""),
	"dist":                rule("dist", "X Y", "Out", ""),
	"dot":                 rule("dot", "X Y", "Out", ""),
	"einsum":              rule("einsum", "Operands", "Out InnerCache XShape", ""),
	"inverse":             rule("inverse", "Input", "Output", ""),
	"kron":                rule("kron", "X Y", "Out", ""),
	"matmul":              rule("matmul_v2", "X Y", "Out", "transpose_x>trans_x transpose_y>trans_y"),
	"legacy_matmul":       rule("matmul", "X Y", "Out", "transpose_x>transpose_X transpose_y>transpose_Y"),
	"matmul_with_flatten": rule("mul", "X Y", "Out", ""),
	"multi_dot":           rule("multi_dot", "X", "Out", ""),
	"mv":                  rule("mv", "X Vec", "Out", ""),
}
