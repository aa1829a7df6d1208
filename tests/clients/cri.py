#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""cri.py SOCKET FOLDER METHOD REQUEST: one call of the Container Runtime Interface; the request and the answer are JSON.

FOLDER keeps what is generated of cri.proto. Bytes (the output of ExecSync) are base64, as everywhere in protobuf's JSON.
"""
import os
import sys

import grpc
from google.protobuf import json_format

socket, folder, method, request = sys.argv[1:]
here = os.path.dirname(os.path.abspath(__file__))
if not os.path.exists(os.path.join(folder, "cri_pb2.py")):
    from grpc_tools import protoc

    if protoc.main(["protoc", f"-I{here}", f"--python_out={folder}", os.path.join(here, "cri.proto")]) != 0:
        sys.exit("cri.proto cannot be compiled")
sys.path.insert(0, folder)
import cri_pb2  # noqa: E402

call = cri_pb2.DESCRIPTOR.services_by_name["RuntimeService"].methods_by_name[method]
answer_class = getattr(cri_pb2, call.output_type.name)
message = json_format.Parse(request, getattr(cri_pb2, call.input_type.name)())
with grpc.insecure_channel("unix://" + socket) as channel:
    stub = channel.unary_unary(
        f"/runtime.v1.RuntimeService/{method}",
        request_serializer=lambda sent: sent.SerializeToString(),
        response_deserializer=answer_class.FromString,
    )
    try:
        answer = stub(message, timeout=60)
    except grpc.RpcError as error:
        sys.exit(f"{method}: {error.details()}")
print(json_format.MessageToJson(answer, including_default_value_fields=True, preserving_proto_field_name=True))
