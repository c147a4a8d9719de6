import { modelsHold } from "../support/haproxy/modelsHold.js";

modelsHold(60);
