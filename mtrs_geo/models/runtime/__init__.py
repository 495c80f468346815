"""The runtime: a loaded model behind the `ChangeSegmenter` contract, numpy in and numpy out.

``load`` picks the runtime for a device, ``segmenter`` runs PyTorch, ``openvino`` runs
OpenVINO, ``mirrored`` averages mirror images, ``folding`` prepares weights for inference,
``onnx_export`` writes ONNX.  May be imported by detect and by everything above it.
"""
