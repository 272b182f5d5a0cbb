
import resource, time
import xlsxwriter
from tests.api.import_hands import *
from tests.api.served import served

def test_perf(storage, _server_of, tmp_path):
    path = tmp_path / "big.xlsx"
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    heads = ["车架号","车牌号","车型编码","所有人","运营商","标签","车辆类型","使用性质","注册日期","发证日期","电机号","总质量","座位数","年检到期","购置日期","购置价格","折旧方法","折旧月数","残值率","里程"]
    sheet.write_row(0, 0, heads)
    for n in range(50_000):
        sheet.write_row(n + 1, 0, [vin_of(n), f"粤B{n:05d}D", "", "alpha", "alpha-south" if n % 2 else "alpha-north", "冷链、城配", "微型厢式货车", "货运", f"2023-{n % 12 + 1:02d}-10", "", f"TZ{n:08d}", 2600, 2, f"2027年{n % 12 + 1}月", "2023-04-20", 68500.5, "直线法", 60, "5%", n / 10])
    book.close()
    with served(_server_of(storage), import_poll_ms=100) as api:
        manager = api.person("alpha.manager")
        import sys
        print("size", path.stat().st_size, file=sys.stderr)
        def go(label, what):
            t = time.time(); out = what()
            print(label, round(time.time() - t, 1), out["state"], out["problem"], counts(out), "cpu of workers", round(sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]),1), "rss MB", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, file=sys.stderr)
            return out
        import tests.api.import_hands as h
        h.PATIENCE_S = 500
        found = go("check", lambda: checked(manager, "vehicles", path.read_bytes(), name="big.xlsx"))
        if found["rows_bad"]:
            print(rows_of(manager, found, outcome="bad", limit=5)[:3], file=sys.stderr)
        go("apply", lambda: applied(manager, found))
        again = go("check again", lambda: checked(manager, "vehicles", path.read_bytes(), name="big.xlsx"))
        go("apply again", lambda: applied(manager, again))
        t=time.time(); r = manager.get(f"{IMPORTS}/{again['key']}/annotated"); print("annotated", r.status_code, len(r.content), round(time.time()-t,1), file=sys.stderr)
        t=time.time(); r = manager.get("/api/v1/import-kinds/vehicles/current"); print("current", r.status_code, len(r.content), round(time.time()-t,1), file=sys.stderr)
