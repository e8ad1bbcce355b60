"""Spark on this machine: a master and two workers, a worker and its executor killed during the job.

Counts, sums of ids and the mapping come out exact, calm and killed, from files and from a table. It needs Java 17 or later,
pyspark and pyarrow: `pip install './python[spark]' && python python/tests/spark_killed.py`.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pyspark
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

import ordercharge
from ordercharge import spark as oc

HOME = Path(pyspark.__file__).parent
WAIT = 180
FILES = 8
ORDERS = int(os.environ.get("SPARK_ORDERS", "15000"))
WRONG_EVERY = 97
MISTAKES: list[str] = []


def make(folder: Path) -> tuple[list[Path], int, int]:
    """Files of orders; every 97th is wrong, known by its number alone. Also how many are wrong, and the sum of their numbers."""
    paths, count, total = [], 0, 0
    for file in range(FILES):
        lines = []
        for at in range(ORDERS):
            number = file * ORDERS + at
            quantity, cents = number % 7 + 2, number % 900 + 100
            price = f"{cents // 100}.{cents % 100:02}"
            extended = quantity * cents
            if number % WRONG_EVERY == 0:
                # The price holds the total of the line.
                price, count, total = f"{extended // 100}.{extended % 100:02}", count + 1, total + number
            stated = f"{extended // 100}.{extended % 100:02}"
            lines.append(
                f'{{"cust_ref":"{number}","order_source":"Shop","sub_total":"{stated}","grand_total":"{stated}",'
                f'"items":[{{"item":"X","quantity":{quantity},"price":"{price}"}}]}}'
            )
        path = folder / f"orders-{file}.ndjson"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        paths.append(path)
    return paths, count, total


class Cluster:
    """A standalone master and two workers, each in a session of its own, on loopback."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.environment = {
            **os.environ,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_HOSTNAME": "127.0.0.1",
            "SPARK_NO_DAEMONIZE": "1",
            "PYSPARK_PYTHON": sys.executable,
        }
        self.processes: list[subprocess.Popen[bytes]] = []
        master = self.start("org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", str(self.port), "--webui-port", "0")
        wait_for(lambda: connects(self.port), "the master", master)
        self.workers = [self.worker(number) for number in range(2)]

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{name.rsplit('.', 1)[1]}-{len(self.processes)}.log").open("wb")
        command = [HOME / "bin" / "spark-class", name, *arguments]
        process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log, start_new_session=True)
        self.processes.append(process)
        return process

    def worker(self, number: int) -> subprocess.Popen[bytes]:
        work = self.folder / f"work-{number}"
        return self.start(
            "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0",
            "--work-dir", str(work), f"spark://127.0.0.1:{self.port}",
        )

    def kill(self, number: int) -> list[int]:
        """Kills a worker and its executors, all by their ids."""
        worker = self.workers[number]
        ids = [pid for pid in descendants(os.getpid()) if session(pid) == session(worker.pid)]
        for pid in ids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        worker.wait(timeout=60)
        return ids

    def stop(self) -> None:
        for process in self.processes:
            for pid in [pid for pid in descendants(os.getpid()) if session(pid) == process.pid] or [process.pid]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            process.wait(timeout=60)


def descendants(of: int) -> list[int]:
    """The processes of this script: its children and theirs, and those whose parent is gone but whose session is ours."""
    sessions = {session(int(path.name)): None for path in Path("/proc").glob("[0-9]*") if parent(int(path.name)) == of}
    return [int(path.name) for path in Path("/proc").glob("[0-9]*") if session(int(path.name)) in sessions]


def stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return ["Z", "-1", "-1", "-1"]


def parent(pid: int) -> int:
    return int(stat(pid)[1])


def session(pid: int) -> int:
    return int(stat(pid)[3])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def connects(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(done, what: str, process: subprocess.Popen[bytes] | None = None) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + WAIT
    while not done():
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"{what} has ended with {process.returncode}")
        if time.monotonic() > end:
            raise TimeoutError(f"waited {WAIT} s for {what}")
        time.sleep(0.2)


def listening(pids: set[int]) -> list[str]:
    """The addresses on which these processes listen."""
    inodes = set()
    for pid in pids:
        try:
            for link in Path(f"/proc/{pid}/fd").iterdir():
                try:
                    target = os.readlink(link)
                except OSError:
                    continue
                if target.startswith("socket:["):
                    inodes.add(target[8:-1])
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                found.append(fields[1].rsplit(":", 1)[0])
    return found


LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}


def family() -> set[int]:
    """This process and all that it has started."""
    ours, before = {os.getpid(), *descendants(os.getpid())}, 0
    while before != len(ours):
        before = len(ours)
        ours |= {int(path.name) for path in Path("/proc").glob("[0-9]*") if parent(int(path.name)) in ours}
    return ours


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths, wrong, total = make(folder)
        cluster = Cluster(folder)
        spark = None
        try:
            spark = session_of(cluster)
            # What the check says without Spark.
            alone = ordercharge.Summary.of(ordercharge.check_file(path).summary for path in paths)
            MISTAKES.extend(mistake["name"] for mistake in alone.mappings[0]["mistakes"])
            assert MISTAKES and alone.invalid == wrong
            run(spark, cluster, "files, calm", lambda: oc.check_files(spark, paths), wrong, total, None)
            table = spark.read.text([str(path) for path in paths]).repartition(FILES * 2)
            run(spark, cluster, "table, calm", lambda: oc.check_column(table, "value"), wrong, total, None)
            addresses = listening(family())
            assert len(addresses) > 3 and set(addresses) <= LOOPBACK, addresses
            copies = [shutil.copy(path, folder / f"{copy}-{path.name}") for copy in range(4) for path in paths]
            run(spark, cluster, "files, a worker killed", lambda: oc.check_files(spark, copies), wrong * 4, total * 4, 0)
            cluster.workers[0] = cluster.worker(0)
            wait_for(lambda: executors(spark) >= 2, "the second executor", cluster.workers[0])
            many = spark.read.text([str(path) for path in copies]).repartition(FILES * 4)
            run(spark, cluster, "table, a worker killed", lambda: oc.check_column(many, "value"), wrong * 4, total * 4, 1)
        finally:
            if spark is not None:
                spark.stop()
            cluster.stop()


def session_of(cluster: Cluster) -> SparkSession:
    os.environ.update(cluster.environment)
    spark = (
        SparkSession.builder.master(f"spark://127.0.0.1:{cluster.port}")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.executor.memory", "512m")
        .config("spark.driver.memory", "768m")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.task.maxFailures", "20")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    wait_for(lambda: executors(spark) >= 2, "two executors")
    return spark


def executors(spark: SparkSession) -> int:
    """The executors, without the driver."""
    return int(spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size()) - 1  # type: ignore[union-attr]


def run(spark: SparkSession, cluster: Cluster, what: str, start, wrong: int, total: int, victim: int | None) -> None:  # type: ignore[no-untyped-def]
    begin = time.monotonic()
    killed: list[int] = []

    def kill_during_the_job() -> None:
        tracker = spark.sparkContext.statusTracker()

        def under_way() -> bool:
            infos = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
            return any(info is not None and info.numCompletedTasks >= 1 and info.numTasks > FILES for info in infos)

        end = time.monotonic() + WAIT
        while not under_way() and time.monotonic() < end:
            time.sleep(0.01)
        if under_way():
            killed.extend(cluster.kill(victim or 0))

    killer = threading.Thread(target=kill_during_the_job) if victim is not None else None
    if killer:
        killer.start()
    checked = start()
    broken = checked.findings.where(F.col("name") == "sub-total")
    counted, summed = broken.agg(F.count("*"), F.sum(F.col("cust_ref").cast("bigint"))).first()
    summary = checked.summary()
    if killer:
        killer.join()
        assert len(killed) >= 2, f"expected a worker and its executor to be killed during the job, found {killed}"
    checked.unpersist()
    assert (counted, summed) == (wrong, total), (counted, summed, wrong, total)
    orders = FILES * ORDERS * (wrong // (wrong if victim is None else wrong // 4))
    assert (summary.orders, summary.invalid) == (orders, wrong), summary.record
    (mapping,) = summary.mappings
    named = [mistake["name"] for mistake in mapping["mistakes"]]
    assert named == MISTAKES and mapping["broken"] == wrong, mapping
    print(f"{what}: {counted} of {orders} orders, sum of ids {summed}, killed {killed}, {time.monotonic() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    main()
