import { serve } from "../../../../providers/kit/index.js";
import { boxProvider } from "./boxProvider.js";

await serve(boxProvider);
