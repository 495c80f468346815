"""The labeling configuration of Label Studio, and the names in it."""

from __future__ import annotations

__all__ = [
    "BRUSH",
    "CONFIG",
    "IMAGE",
    "LABEL",
    "POLYGON",
    "QUESTIONS",
    "REASON",
    "SENTENCE",
]

BRUSH, POLYGON, IMAGE, SENTENCE, REASON = "mask", "outline", "after", "corrected", "reason"
QUESTIONS = ("mask_right", "sentence_right", "complete")
LABEL = "changed"

_ASKED = (
    "Is the mask right?",
    "Is the sentence right?",
    "Is nothing that the sentence means missing?",
)
_CHOICES = "\n".join(
    f'  <Header value="{text}" size="6"/>\n'
    f'  <Choices name="{name}" toName="{IMAGE}" choice="single-radio" showInline="true" '
    'required="true">\n'
    '    <Choice value="yes"/>\n    <Choice value="no"/>\n  </Choices>'
    for name, text in zip(QUESTIONS, _ASKED, strict=True)
)
CONFIG = f"""<View>
  <Header value="$sentence"/>
  <View style="display: flex; gap: 8px">
    <View style="flex: 1">
      <Header value="earlier" size="6"/>
      <Image name="before" value="$before" zoomControl="true"/>
    </View>
    <View style="flex: 1">
      <Header value="later" size="6"/>
      <Image name="{IMAGE}" value="$after" zoomControl="true" brightnessControl="true"/>
    </View>
  </View>
  <BrushLabels name="{BRUSH}" toName="{IMAGE}">
    <Label value="{LABEL}" background="#ff2828"/>
  </BrushLabels>
  <PolygonLabels name="{POLYGON}" toName="{IMAGE}">
    <Label value="{LABEL}" background="#ff2828"/>
  </PolygonLabels>
{_CHOICES}
  <Header value="Corrected sentence" size="6"/>
  <TextArea name="{SENTENCE}" toName="{IMAGE}" maxSubmissions="1" editable="true" rows="2"/>
  <Header value="Reason, if an answer is no" size="6"/>
  <TextArea name="{REASON}" toName="{IMAGE}" maxSubmissions="1" editable="true" rows="2"/>
</View>
"""
"""A project's labeling interface: Settings, Labeling Interface, Code."""
