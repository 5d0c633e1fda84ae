"""The perceptual study of paper 001 (section 2.4): can a reader tell synthetic images from real?

* `draw`: which images are shown;
* `page`: one HTML file for the readers, which holds them (`reader.html`, `.css`, `.js`);
* `key`: the files: what is what, and what readers answered;
* `scores`: what the answers say; `result`: their tables, figure and page.
"""
