/** What the kind `prune` needs: as a projection, it looks at all training views once, and keeps a model. */
import project from "./project.ts";

/** The demand of the kind `prune`. */
export default project;
