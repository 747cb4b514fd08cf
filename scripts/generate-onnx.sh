#!/bin/sh
# Makes src/onnx/generated/onnx_pb.ts again, from the folder that holds onnx.proto (part of the Python package onnx 1.23,
# Apache-2.0). Needs protoc on PATH; the TypeScript plugin is a development dependency.
set -eu
proto_folder=${1:?usage: scripts/generate-onnx.sh FOLDER_OF_ONNX_PROTO}
cd "$(dirname "$0")/.."
protoc --proto_path="$proto_folder" \
  --plugin=protoc-gen-es=node_modules/.bin/protoc-gen-es \
  --es_out=src/onnx/generated --es_opt=target=ts,erasable_syntax=true \
  onnx.proto
