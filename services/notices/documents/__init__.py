"""Red-head documents (红头文件) by GB/T 9704-2012: what a document says, and its pages to the tenth of a millimetre.

`content` is the frozen document and its digest, `headline` breaks titles, `fonts` finds or fetches typefaces,
`coverage` asks what they can print, `render` makes the PDF from the Typst templates beside it. Nothing here knows of
number series, signatures or delivery: those belong to the notice.
"""
