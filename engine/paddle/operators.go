package paddle

// operator is how one of Paddle's operators is translated.
type operator struct {
	translate translator
	// notes tells what of the operator is not supported, for docs/operators.md.
	notes string
}

// translator makes the nodes of one operator. What it reads before the first fault is
// real; after it every value is zero, so it may not index by what it has read without
// asking op.err first.
type translator func(*op)

// operators has every Paddle operator that can be translated, other than feed and
// fetch, by its name in a ProgramDesc. Each family of operators lives in a file
// op_*.go and brings a table of its own.
var operators = map[string]operator{}

func init() {
	for _, family := range []map[string]operator{
		activationOps,
		arrayOps,
		boxOps,
		channelOps,
		compareOps,
		controlOps,
		convolutionOps,
		deformableOps,
		diagonalOps,
		elementwiseOps,
		expandOps,
		fillOps,
		gatherOps,
		interpolationOps,
		joinOps,
		mathOps,
		matmulOps,
		nmsOps,
		normalisationOps,
		orderOps,
		padOps,
		patchOps,
		pirOps,
		poolOps,
		priorOps,
		proposalOps,
		quantizeOps,
		recurrentOps,
		reduceOps,
		roiOps,
		runningOps,
		sampleOps,
		scatterOps,
		sequenceOps,
		shapeOps,
		sliceOps,
		sortOps,
	} {
		for name, o := range family {
			operators[name] = o
		}
	}
}
