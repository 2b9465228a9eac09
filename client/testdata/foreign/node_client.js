// @grpc/grpc-js against a server of ours: node node_client.js ADDRESS PROTO.
"use strict";
const assert = require("node:assert");
const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");

const SAMPLE = [0.0137, -0.1136, 0.2553, -0.0692, 0.0582, -0.0727, -0.1583, -0.0584, 0.6283, 0.4919, 0.1856, 0.0795, -0.0332];
const PRICE = 18.901151657104492;

async function main(address, path) {
  const definition = loader.loadSync(path, { keepCase: true, longs: String });
  const { GeneralModelService } = grpc.loadPackageDefinition(definition).baidu.paddle_serving.predictor.general_model;
  const client = new GeneralModelService(address, grpc.credentials.createInsecure());
  const call = (numbers, shape, seconds = 20) =>
    new Promise((resolve, reject) => {
      const tensor = { name: "x", alias_name: "x", elem_type: 1, float_data: numbers, shape };
      const options = { deadline: new Date(Date.now() + seconds * 1000) };
      client.inference({ tensor: [tensor], fetch_var_names: ["price"], log_id: "9007199254740993" }, options, (error, reply) =>
        error ? reject(error) : resolve(reply));
    });
  const price = async () => {
    const reply = await call(SAMPLE, [1, 13]);
    const [tensor] = reply.outputs[0].tensor;
    assert.strictEqual(tensor.alias_name, "price");
    assert.ok(Math.abs(tensor.float_data[0] - PRICE) < 1e-4, tensor.float_data[0]);
    assert.strictEqual(reply.log_id, "9007199254740993");
  };
  await price();
  await assert.rejects(call(SAMPLE.slice(1), [1, 12]), { code: grpc.status.INVALID_ARGUMENT, details: /"x"/ });
  await Promise.all(Array.from({ length: 200 }, price));
  const rows = await call(Array(5000).fill(SAMPLE).flat(), [5000, 13]);
  assert.strictEqual(rows.outputs[0].tensor[0].float_data.length, 5000);
  client.close();
  console.log("ok");
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
