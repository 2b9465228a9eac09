"""Python's own HTTP client against a server of ours: http_client.py ADDRESS."""

import http.client
import json
import sys
import urllib.error
import urllib.request

SAMPLE = [0.0137, -0.1136, 0.2553, -0.0692, 0.0582, -0.0727, -0.1583, -0.0584, 0.6283, 0.4919, 0.1856, 0.0795, -0.0332]
PRICE = 18.901151657104492


def post(address, path, body, **headers):
    r = urllib.request.Request(f"http://{address}{path}", json.dumps(body).encode(), {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(r, timeout=20) as reply:
            return reply.status, json.loads(reply.read())
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()


def main(address):
    status, reply = post(address, "/uci/prediction", {"feed": [{"x": SAMPLE}, {"x": SAMPLE}], "fetch": ["price"]})
    assert status == 200 and len(reply["result"]["price"]) == 2, (status, reply)
    assert abs(reply["result"]["price"][1][0] - PRICE) < 1e-4, reply

    tensor = {"name": "x", "alias_name": "x", "elem_type": 1, "shape": [1, 13], "float_data": SAMPLE}
    status, reply = post(address, "/GeneralModelService/inference", {"tensor": [tensor], "fetch_var_names": ["price"]})
    assert status == 200, (status, reply)
    assert abs(reply["outputs"][0]["tensor"][0]["float_data"][0] - PRICE) < 1e-4, reply

    status, text = post(address, "/GeneralModelService/inference", {"tensor": [{**tensor, "shape": [1, 12]}]})
    assert status == 400 and "x" in text, (status, text)
    status, text = post(address, "/nobody/prediction", {"feed": [{"x": SAMPLE}]})
    assert status == 404, (status, text)

    # One connection carries many calls.
    connection = http.client.HTTPConnection(address, timeout=20)
    for _ in range(50):
        connection.request("POST", "/uci/prediction", json.dumps({"feed": [{"x": SAMPLE}], "fetch": ["price"]}), {"Content-Type": "application/json"})
        reply = connection.getresponse()
        assert reply.status == 200 and b"price" in reply.read()
    connection.close()
    print("ok")


main(*sys.argv[1:])
