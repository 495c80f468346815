"""Runtime: a loaded model as a `ChangeSegmenter`, numpy in, numpy out.

``load`` selects the runtime for a device, ``segmenter`` runs PyTorch, ``openvino`` runs
OpenVINO, ``quantize`` and ``int8`` write and read an encoder of eight bits, ``mirrored`` averages
over mirrored images, ``folding`` folds BatchNorms, ``fingerprint`` hashes a loaded model,
``onnx_export`` writes ONNX, ``free_memory`` says what a device has left.  Imported by
detect and everything above it.
"""
