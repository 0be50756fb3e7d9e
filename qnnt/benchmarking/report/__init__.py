"""Reports: recordings as one page of HTML with tables and plots.

Everything is computed here, from recordings to plain data; the page's program only chooses what is shown.
"""
