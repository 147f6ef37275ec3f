"""The only place that knows every concrete class: it opens a till and wires it up.

`till` is one that sells, `window` shows it, `setting_up` makes one, `looking` reads beside one.
"""
