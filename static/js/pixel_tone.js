// Gamma and brightness of everything that is judged, by one filter of the page.

const GAMMA_STEP = 0.2;
const GAIN_STEP = Math.SQRT2;
const [GAMMA_LEAST, GAMMA_MOST, GAIN_LEAST, GAIN_MOST] = [0.4, 4, 0.25, 8];

export class Tone {
  constructor(root) {
    this.root = root;
    this.channels = root.querySelectorAll("#pixel-tone feComponentTransfer > *");
    this.reset();
  }

  reset() {
    Object.assign(this, { gamma: 1, gain: 1 });
    this.#apply();
  }

  changeGamma(direction) {
    this.gamma = bounded(Math.round((this.gamma + direction * GAMMA_STEP) * 10) / 10, GAMMA_LEAST, GAMMA_MOST);
    this.#apply();
  }

  changeGain(direction) {
    this.gain = bounded(this.gain * GAIN_STEP ** direction, GAIN_LEAST, GAIN_MOST);
    this.#apply();
  }

  /** The values as words. */
  get said() {
    return { gamma: this.gamma.toFixed(1), gain: `${this.gain.toFixed(1)}×` };
  }

  #apply() {
    for (const channel of this.channels) {
      channel.setAttribute("exponent", String(1 / this.gamma));
      channel.setAttribute("amplitude", String(this.gain));
    }
    this.root.classList.toggle("is-toned", this.gamma !== 1 || Math.abs(this.gain - 1) > 0.01);
  }
}

function bounded(value, least, most) {
  return Math.min(Math.max(value, least), most);
}
