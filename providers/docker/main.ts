import { serve } from "../kit/index.js";
import { definition } from "./definition.js";

await serve(definition);
