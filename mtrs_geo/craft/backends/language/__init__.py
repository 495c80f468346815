"""A describer and a segmenter that ask a model in words and read its answer as JSON.

``prompts`` writes the questions, ``schemas`` is the form of the answers, ``answers`` checks them,
``sentences`` cleans a sentence.  Who answers is an `Answerer`: a chat endpoint
(`mtrs_geo.craft.backends.chat`) or a local model (`mtrs_geo.craft.backends.local`).  An answer is
data: nothing in it is opened, fetched or run.
"""
