from pathlib import Path
def test_x(hanline, tiny_model, tmp_path):
    p = tmp_path/"a.txt"; p.write_text("同志们：\n今天开会。\n\n点击下载全文")
    r = hanline("classify", p, "--model", tiny_model)
    print(r.code, r.out.decode(), r.err)
    r = hanline("classify", p, "--model", tiny_model, "-f", "pretty")
    print(r.code, r.out.decode(), r.err)
    assert 0
