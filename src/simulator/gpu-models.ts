// The GPU models of the simulated market: what a card of each kind is and what it costs per hour in late 2026.

/** One kind of GPU as the market lists it; memory in MB, power in W, temperature in degrees C, bandwidth in GB/s. */
export interface GpuModel {
  /** Name on the wire, with spaces. */
  readonly name: string;
  readonly arch: 'nvidia' | 'amd';
  readonly ramMb: number;
  /** CUDA compute capability x100. */
  readonly computeCap: number;
  readonly memBandwidth: number;
  readonly nvlink: number;
  readonly maxPower: number;
  readonly maxTemp: number;
  /** TFLOPS of one card (fp32 dense, as the market's `total_flops` counts). */
  readonly tflops: number;
  /** Deep learning benchmark score of one card. */
  readonly dlperf: number;
  /** Dollars per hour of one card: cheap and dear end of the market. */
  readonly price: readonly [number, number];
  /** How often the model turns up, relative to the others. */
  readonly weight: number;
  /** Server cards sit in data centres more often and come in eights. */
  readonly server: boolean;
  /** The oldest CUDA version whose driver knows the card. */
  readonly minCuda: number;
}

type Row = readonly [
  name: string, ramMb: number, computeCap: number, memBandwidth: number, nvlink: number, maxPower: number, maxTemp: number,
  tflops: number, dlperf: number, low: number, high: number, weight: number, server: boolean, minCuda: number, arch?: 'nvidia' | 'amd',
];

const rows: readonly Row[] = [
  ['GTX 1080 Ti', 11264, 610, 345.2, 0, 250, 91, 11.3, 9.1, 0.03, 0.07, 2, false, 12.0],
  ['Tesla T4', 15360, 750, 240.1, 0, 70, 93, 8.1, 12.6, 0.08, 0.16, 3, true, 12.0],
  ['Tesla V100', 16384, 700, 738.4, 132.5, 300, 83, 15.7, 29.8, 0.12, 0.26, 4, true, 12.0],
  ['Q RTX 8000', 49152, 750, 546.8, 90.2, 260, 89, 16.3, 24.5, 0.19, 0.33, 1, false, 12.0],
  ['RTX 2080 Ti', 11264, 750, 503.6, 0, 250, 89, 13.4, 20.4, 0.06, 0.12, 3, false, 12.0],
  ['RTX 3060 laptop', 6144, 860, 282.3, 0, 115, 87, 10.9, 9.7, 0.03, 0.06, 1, false, 12.0],
  ['RTX 3060', 12288, 860, 321.6, 0, 170, 93, 12.7, 11.9, 0.04, 0.09, 8, false, 12.0],
  ['RTX 3070', 8192, 860, 398.3, 0, 220, 93, 20.3, 15.2, 0.05, 0.1, 5, false, 12.0],
  ['RTX 3080', 10240, 860, 656.9, 0, 320, 93, 29.8, 24.7, 0.07, 0.15, 6, false, 12.0],
  ['RTX 3080 Ti', 12288, 860, 779.1, 0, 350, 93, 34.1, 28.9, 0.08, 0.17, 4, false, 12.0],
  ['RTX 3090', 24576, 860, 818.4, 0, 350, 93, 35.6, 33.8, 0.11, 0.24, 11, false, 12.0],
  ['RTX 3090 Ti', 24564, 860, 883.7, 0, 450, 92, 40.0, 38.2, 0.14, 0.27, 3, false, 12.0],
  ['RTX A4000', 16376, 860, 387.4, 0, 140, 90, 19.2, 17.8, 0.08, 0.16, 5, false, 12.0],
  ['RTX A5000', 24564, 860, 667.1, 0, 230, 90, 27.8, 27.1, 0.15, 0.28, 5, false, 12.0],
  ['RTX A6000', 49140, 860, 665.9, 98.1, 300, 93, 38.7, 36.4, 0.33, 0.58, 6, false, 12.0],
  ['A10', 23028, 860, 520.3, 0, 150, 95, 31.2, 25.2, 0.16, 0.31, 2, true, 12.0],
  ['A40', 46068, 860, 603.8, 0, 300, 93, 37.4, 34.9, 0.29, 0.49, 3, true, 12.0],
  ['A100 PCIE', 81920, 800, 1498.2, 0, 300, 90, 19.5, 74.4, 0.55, 0.95, 5, true, 12.0],
  ['A100 SXM4', 81920, 800, 1622.7, 251.3, 400, 85, 19.5, 82.1, 0.62, 1.15, 6, true, 12.0],
  ['RTX 4060 Ti', 16380, 890, 258.2, 0, 165, 90, 22.1, 17.5, 0.07, 0.14, 5, false, 12.0],
  ['RTX 4070', 12282, 890, 435.7, 0, 200, 90, 29.1, 23.8, 0.08, 0.16, 5, false, 12.0],
  ['RTX 4070S Ti', 16376, 890, 591.8, 0, 285, 90, 44.1, 35.6, 0.11, 0.21, 4, false, 12.2],
  ['RTX 4080', 16376, 890, 623.9, 0, 320, 90, 48.7, 39.3, 0.14, 0.27, 4, false, 12.0],
  ['RTX 4080S', 16376, 890, 638.0, 0, 320, 90, 52.2, 41.4, 0.15, 0.29, 5, false, 12.2],
  ['RTX 4090', 24564, 890, 885.4, 0, 450, 90, 82.6, 83.7, 0.27, 0.52, 22, false, 12.0],
  ['RTX 6000Ada', 49140, 890, 825.1, 0, 300, 92, 91.1, 79.2, 0.52, 0.84, 5, false, 12.0],
  ['L4', 23034, 890, 238.8, 0, 72, 88, 30.3, 22.4, 0.2, 0.36, 3, true, 12.0],
  ['L40', 46068, 890, 745.0, 0, 300, 89, 90.5, 72.0, 0.44, 0.7, 3, true, 12.0],
  ['L40S', 46068, 890, 751.6, 0, 350, 89, 91.6, 77.9, 0.47, 0.82, 6, true, 12.0],
  ['H100 PCIE', 81559, 900, 1698.4, 0, 350, 87, 51.2, 139.6, 1.35, 2.05, 4, true, 12.0],
  ['H100 NVL', 95830, 900, 2981.3, 301.7, 400, 87, 60.3, 152.4, 1.45, 2.3, 3, true, 12.2],
  ['H100 SXM', 81559, 900, 2640.7, 478.1, 700, 87, 53.8, 215.6, 1.55, 2.6, 8, true, 12.2],
  ['H200', 143771, 900, 3791.5, 478.1, 700, 87, 53.8, 234.2, 2.05, 3.4, 6, true, 12.4],
  ['GH200 SXM', 97871, 900, 3205.0, 378.4, 900, 87, 62.1, 221.0, 1.6, 2.4, 1, true, 12.4],
  ['B200', 183359, 1000, 6320.8, 902.6, 1000, 85, 74.5, 402.8, 3.1, 5.2, 4, true, 12.8],
  ['RTX 5060 Ti', 16311, 1200, 397.7, 0, 180, 90, 23.7, 24.6, 0.09, 0.17, 5, false, 12.8],
  ['RTX 5070', 12227, 1200, 586.3, 0, 250, 90, 30.9, 31.5, 0.1, 0.2, 4, false, 12.8],
  ['RTX 5070 Ti', 16303, 1200, 768.7, 0, 300, 90, 43.9, 43.0, 0.13, 0.25, 5, false, 12.8],
  ['RTX 5080', 16303, 1200, 822.2, 0, 360, 90, 56.3, 52.8, 0.17, 0.33, 6, false, 12.8],
  ['RTX 5090', 32607, 1200, 1486.0, 0, 575, 90, 104.8, 122.9, 0.38, 0.74, 18, false, 12.8],
  ['RTX PRO 6000 WS', 97887, 1200, 1495.3, 0, 600, 92, 125.0, 146.2, 0.85, 1.45, 5, false, 12.8],
  ['RTX PRO 6000 S', 97887, 1200, 1344.9, 0, 600, 92, 117.2, 138.8, 0.8, 1.35, 4, true, 12.8],
  ['InstinctMI100', 32752, 908, 980.4, 0, 290, 90, 23.1, 31.0, 0.25, 0.4, 1, true, 12.0, 'amd'],
];

/** Every model of the market, oldest generation first. */
export const gpuModels: readonly GpuModel[] = rows.map(
  ([name, ramMb, computeCap, memBandwidth, nvlink, maxPower, maxTemp, tflops, dlperf, low, high, weight, server, minCuda, arch]) => ({
    name, arch: arch ?? 'nvidia', ramMb, computeCap, memBandwidth, nvlink, maxPower, maxTemp, tflops, dlperf,
    price: [low, high], weight, server, minCuda,
  }),
);
