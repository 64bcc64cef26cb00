"""Evidently's or NannyML's default comparison of two Parquet files; prints one JSON line a stage (wall and CPU in ms)."""

import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")
peer, reference_path, current_path = sys.argv[1:4]


def stage(name, started, **more):
    wall, cpu = time.perf_counter() - started[0], time.process_time() - started[1]
    print(json.dumps({"stage": name, "wallMs": 1000 * wall, "cpuMs": 1000 * cpu, **more}), flush=True)


def clock():
    return time.perf_counter(), time.process_time()


import pandas as pd

if peer == "evidently":
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    started = clock()
    frames = [pd.read_parquet(path).drop(columns=["at"]) for path in (reference_path, current_path)]
    definition = DataDefinition(
        numerical_columns=[name for name in frames[0] if name.startswith("number")],
        categorical_columns=[name for name in frames[0] if name.startswith("word")],
    )
    datasets = [Dataset.from_pandas(frame, data_definition=definition) for frame in frames]
    result = Report([DataDriftPreset()]).run(datasets[1], datasets[0]).dict()
    stage("compare", started, drifted=result["metrics"][0]["value"])
else:
    import nannyml

    started = clock()
    reference, current = pd.read_parquet(reference_path), pd.read_parquet(current_path)
    columns = [name for name in reference if name != "at"]
    calculator = nannyml.UnivariateDriftCalculator(column_names=columns, timestamp_column_name="at")
    calculator.fit(reference)
    stage("fit", started)
    started = clock()
    frame = calculator.calculate(current).filter(period="analysis").to_df(multilevel=False)
    stage("calculate", started, drifted=int(frame.filter(like="_alert").sum().sum()))
