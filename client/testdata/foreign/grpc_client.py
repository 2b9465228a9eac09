"""grpcio against a server of ours: grpc_client.py ADDRESS PROTO."""

import importlib
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import grpc
from grpc_tools import protoc

SAMPLE = [0.0137, -0.1136, 0.2553, -0.0692, 0.0582, -0.0727, -0.1583, -0.0584, 0.6283, 0.4919, 0.1856, 0.0795, -0.0332]
PRICE = 18.901151657104492


def compiled(path):
    out = tempfile.mkdtemp()
    folder, name = os.path.split(path)
    if protoc.main(["protoc", "-I" + folder, "--python_out=" + out, "--grpc_python_out=" + out, name]) != 0:
        sys.exit("protoc failed")
    sys.path.insert(0, out)
    module = name.removesuffix(".proto") + "_pb2"
    return importlib.import_module(module), importlib.import_module(module + "_grpc")


def main(address, path):
    messages, service = compiled(path)

    def request(numbers, shape, name="x"):
        tensor = messages.Tensor(name=name, alias_name=name, elem_type=1, float_data=numbers, shape=shape)
        return messages.Request(tensor=[tensor], fetch_var_names=["price"], log_id=7)

    def fails(code, text, *args, **kwargs):
        try:
            stub.inference(request(*args), **kwargs)
        except grpc.RpcError as e:
            if e.code() == code and text in e.details():
                return
            sys.exit(f"got {e.code()} {e.details()!r}, want {code} with {text!r}")
        sys.exit(f"no error, want {code}")

    with grpc.insecure_channel(address) as channel:
        stub = service.GeneralModelServiceStub(channel)

        def price(_):
            reply = stub.inference(request(SAMPLE, [1, 13]), timeout=20)
            (tensor,) = reply.outputs[0].tensor
            assert tensor.alias_name == "price" and tensor.shape == [1, 1], tensor
            assert abs(tensor.float_data[0] - PRICE) < 1e-4, tensor
            assert reply.log_id == 7, reply

        price(0)
        fails(grpc.StatusCode.INVALID_ARGUMENT, '"x"', SAMPLE[:12], [1, 12])
        fails(grpc.StatusCode.INVALID_ARGUMENT, '"y"', SAMPLE, [1, 13], "y")
        fails(grpc.StatusCode.INVALID_ARGUMENT, "", SAMPLE, [1 << 30, 13])
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(price, range(200)))
        rows = stub.inference(request(SAMPLE * 5000, [5000, 13]), timeout=20).outputs[0].tensor[0]
        assert rows.shape == [5000, 1] and len(rows.float_data) == 5000, rows.shape
    print("ok")


main(*sys.argv[1:])
