// Draws every element with data-chart. A live part brings new numbers in an element with data-chart-for.
(() => {
  const drawn = new Map();
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const options = (spec) => {
    const text = colour("--muted"), line = colour("--line"), ink = colour("--ink");
    const tones = [colour("--accent"), colour("--tone-busy"), colour("--tone-held"), colour("--tone-bad")];
    const many = spec.series.length > 1;
    return {
      animation: false,
      aria: { enabled: false },
      textStyle: { fontFamily: "Inter, system-ui, sans-serif" },
      grid: { left: 4, right: 8, top: many ? 34 : 12, bottom: 4, containLabel: true },
      legend: many ? { top: 0, left: 0, icon: "circle", itemWidth: 8, itemHeight: 8, itemGap: 16, textStyle: { color: text, fontSize: 12 } } : undefined,
      tooltip: {
        trigger: "axis",
        renderMode: "richText", // An HTML tip needs inline styles, which the page's policy forbids.
        axisPointer: { type: spec.kind === "line" ? "line" : "shadow", lineStyle: { color: line }, shadowStyle: { color: colour("--hover"), opacity: 0.6 } },
        backgroundColor: colour("--raised"), borderColor: line, borderWidth: 1, padding: [8, 10],
        textStyle: { color: ink, fontSize: 12 },
        formatter: (points) => [points[0].axisValueLabel, ...points.map((point) => `${many ? point.seriesName + ": " : ""}${spec.labels?.[point.seriesIndex]?.[point.dataIndex] ?? point.value.toLocaleString()}`)].join("\n"),
      },
      xAxis: {
        type: "category", data: spec.x, boundaryGap: spec.kind !== "line",
        axisTick: { show: false }, axisLine: { lineStyle: { color: line } },
        axisLabel: { color: text, fontSize: 11, hideOverlap: true, ...(spec.kind === "line" ? { alignMinLabel: "left", alignMaxLabel: "right" } : {}) },
      },
      yAxis: {
        type: "value", minInterval: spec.whole === false ? 0 : 1, splitNumber: 3,
        // One line shows how it moved, close up; several are compared, from nothing up. Where a scale begins is its own round number.
        ...(spec.kind === "line" && !many ? { scale: true } : { min: 0 }),
        splitLine: { lineStyle: { color: line, type: [3, 4] } },
        axisLabel: { color: text, fontSize: 11, formatter: (value) => Math.abs(value) >= 10000 ? `${value / 1000}k` : value.toLocaleString() },
      },
      series: spec.series.map((series, index) => ({
        name: series.name, data: series.data, color: tones[index % tones.length],
        ...(spec.kind === "line"
          ? { type: "line", smooth: spec.steps ? 0 : 0.2, step: spec.steps ? "end" : false, symbol: "none", lineStyle: { width: 2, type: index ? [6, 5] : "solid" }, areaStyle: many ? undefined : { opacity: 0.09 } }
          : { type: "bar", stack: many ? "all" : undefined, barMaxWidth: 26, barCategoryGap: "28%", itemStyle: { borderRadius: many ? 0 : [2, 2, 0, 0] } }),
      })),
    };
  };

  const draw = (element) => {
    let chart = drawn.get(element);
    if (!chart) {
      chart = echarts.init(element, null, { renderer: "canvas" });
      drawn.set(element, chart);
      new ResizeObserver(() => chart.resize()).observe(element);
    }
    chart.setOption(options(JSON.parse(element.dataset.chart)), true);
  };
  const drawAll = () => {
    for (const [element, chart] of drawn) if (!element.isConnected) { chart.dispose(); drawn.delete(element); }
    document.querySelectorAll("[data-chart]").forEach(draw);
  };
  const takeNews = () => {
    for (const news of document.querySelectorAll("[data-chart-for]")) {
      const element = document.getElementById(news.dataset.chartFor);
      if (element && element.dataset.chart !== news.dataset.numbers) element.dataset.chart = news.dataset.numbers;
    }
    drawAll();
  };

  document.fonts.ready.then(drawAll);
  drawAll();
  document.addEventListener("themechange", drawAll);
  document.addEventListener("htmx:afterSwap", takeNews);
})();
