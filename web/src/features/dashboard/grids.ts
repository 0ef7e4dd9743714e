/** How the cards of the dashboard stand, the grey ones before them as well. */
export const FIGURES_GRID = "grid grid-cols-2 gap-4 sm:gap-5 lg:grid-cols-3 xl:grid-cols-4";
export const CHARTS_GRID = "grid gap-5 md:grid-cols-2";
export const LISTS_GRID = "grid gap-5 md:grid-cols-2";
