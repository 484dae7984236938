/** Every stage of the pipeline runs through the stage suite. */
import { PIPELINE } from "../../../core/pipeline/pipeline.ts";
import { testStage } from "./stage_suite.ts";

for (const stage of PIPELINE) testStage(stage);
