"""Answers of an OpenAI-compatible chat endpoint with images: vLLM, llama.cpp, Ollama, hosted ones.

``config`` reads endpoint, key, prices and limits; ``transport`` sends one request within limits of
time and bytes; ``ledger`` has the cache, the costs and the budget in the project file;
``answerer`` repeats, waits and stops; ``opening`` makes the describer and the segmenter of the
catalog.  Needs the extra ``craft``.
"""
