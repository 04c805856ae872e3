//! The f64 evaluation of the gamma function, its logarithm and their derivatives. All are computed in some 100 bits and rounded
//! once: steps to the right until Stirling's series is accurate, reflection on the left, Taylor series at roots.

use super::double::{Double, PI, Scaled};
use super::elementary::{log_in_parts, log1p_in_parts};

/// From here on the series below are accurate to 2^-100 with the terms listed.
pub(super) const FAR: f64 = 24.0;

/// A series in `1/x^2`: first the terms that are needed to more digits than f64 has.
pub(super) struct Series {
    pub near: [Double; 6],
    pub far: [f64; 9],
}

impl Series {
    /// `Σ c(k) w^k` for k = 0, 1 …
    fn at(&self, w: Double) -> Double {
        let far = self.far.iter().rev().fold(0.0, |sum, c| sum * w.high + c);
        self.near.iter().rev().fold(Double::from(far), |sum, c| *c + sum * w)
    }
}

/// `B(2k)/(2k*(2k - 1))` for k = 1, 2 …: Stirling's series for lgamma.
const STIRLING: Series = Series {
    near: [
        Double::new(0.08333333333333333, 4.625929269271485e-18),
        Double::new(-0.002777777777777778, 1.0601087908747154e-19),
        Double::new(0.0007936507936507937, 6.883823317368282e-22),
        Double::new(-0.0005952380952380953, 5.36938218754726e-20),
        Double::new(0.0008417508417508417, 3.6870174889237694e-20),
        Double::new(-0.0019175269175269176, 1.0675702776872475e-19),
    ],
    far: [
        0.00641025641025641,
        -0.029550653594771242,
        0.17964437236883057,
        -1.3924322169059011,
        13.402864044168393,
        -156.84828462600203,
        2193.1033333333335,
        -36108.77125372499,
        691472.268851313,
    ],
};

/// `B(2k)/(2k)` for k = 1, 2 …: the asymptotic series of digamma.
const DIGAMMA: Series = Series {
    near: [
        Double::new(0.08333333333333333, 4.625929269271485e-18),
        Double::new(-0.008333333333333333, -1.1564823173178714e-19),
        Double::new(0.003968253968253968, 2.20282346155785e-19),
        Double::new(-0.004166666666666667, -5.782411586589357e-20),
        Double::new(0.007575757575757576, -2.1026951223961299e-19),
        Double::new(-0.021092796092796094, 1.3911677399530732e-18),
    ],
    far: [
        0.08333333333333333,
        -0.4432598039215686,
        3.0539543302701198,
        -26.456212121212122,
        281.46014492753625,
        -3607.5105463980462,
        54827.583333333336,
        -974936.8238505747,
        20052695.79668808,
    ],
};

/// `log(2π)/2`
const HALF_LOG_2PI: Double = Double::new(0.9189385332046728, -3.8782941580672414e-17);

/// A root with the Taylor series there; the root carries more digits than f64 has.
struct Root {
    at: Double,
    slope: Double,
    bends: [f64; 3],
}

/// How far from a root its series is taken.
const NEAR_ROOT: f64 = 9.5e-7;

/// The roots of lgamma below 0 near which it is not steep (computed with 400 bits).
const LGAMMA_ROOTS: [Root; 7] = [
    Root {
        at: Double::new(-2.4570247382208006, -3.7075610815513266e-17),
        slope: Double::new(1.5156034480216574, -4.0695290379659363e-17),
        bends: [4.8583209516339965, 1.41129114307798, 8.721782583815346],
    },
    Root {
        at: Double::new(-2.7476826467274127, 9.055340329338315e-17),
        slope: Double::new(-1.9143501856115988, -6.288473508186805e-17),
        bends: [9.575189475709667, -20.095134916842603, 62.627282713513715],
    },
    Root {
        at: Double::new(-3.14358088834998, -2.1818179852331714e-16),
        slope: Double::new(7.781884658131351, -1.2366266971852707e-16),
        bends: [25.831338372387957, 112.268986297176, 588.8907422380014],
    },
    Root {
        at: Double::new(-3.955294284858598, -1.999428391746348e-17),
        slope: Double::new(-20.725060845803707, 1.4319348367658305e-15),
        bends: [251.7146825868894, -3730.6047156806126, 62588.08191876606],
    },
    Root {
        at: Double::new(-4.039361839740537, 2.1143995503980602e-16),
        slope: Double::new(26.790480886140593, 7.29303362861673e-16),
        bends: [324.25532293784715, 5465.691820777134, 104145.55520145541],
    },
    Root {
        at: Double::new(-4.991544640560048, 1.5174411760571722e-16),
        slope: Double::new(-116.53578161624363, -5.71604654736871e-15),
        bends: [6995.235954894064, -551419.9978512884, 48911582.709059045],
    },
    Root {
        at: Double::new(-5.0082181683225935, -4.3926353491015815e-17),
        slope: Double::new(123.3621845633534, -1.7685712092825869e-15),
        bends: [7404.762432228682, 600556.168452811, 54807486.35665586],
    },
];

/// The first roots of digamma (computed with 400 bits).
const DIGAMMA_ROOTS: [Root; 13] = [
    Root {
        at: Double::new(1.4616321449683622, 9.549995429965697e-17),
        slope: Double::new(0.9676722454476212, -3.387874303038943e-17),
        bends: [-0.4427631689835921, 0.258499760955651, -0.16394270544240652],
    },
    Root {
        at: Double::new(-0.5040830082644554, -8.15428206243813e-18),
        slope: Double::new(8.939798558792134, 4.661730805438714e-16),
        bends: [-0.8093454625306507, 32.258572064915505, -2.761011648790828],
    },
    Root {
        at: Double::new(-1.5734984731623904, -1.574185691077347e-17),
        slope: Double::new(9.941513615924176, -3.5066551522020224e-16),
        bends: [-7.802593974782628, 39.911910808498966, -54.82093287162743],
    },
    Root {
        at: Double::new(-2.6107208684441447, 9.881960746978353e-17),
        slope: Double::new(10.84832879920919, -8.536942638820942e-16),
        bends: [-12.770725694247192, 51.217352382808855, -100.2036323192089],
    },
    Root {
        at: Double::new(-3.635293366436901, 5.454396163173039e-17),
        slope: Double::new(11.650939359651861, 2.7717347428725115e-16),
        bends: [-16.938337607821335, 63.16205964241572, -145.45199182008608],
    },
    Root {
        at: Double::new(-4.653237761743142, -2.5492686201468193e-16),
        slope: Double::new(12.369637994669782, 3.8877487536134796e-17),
        bends: [-20.636997462381604, 75.16701278577447, -191.19880243991764],
    },
    Root {
        at: Double::new(-5.6671624415568855, -3.2153051074948335e-18),
        slope: Double::new(13.021406387509394, -6.965089235370473e-16),
        bends: [-24.0108335669899, 87.05344839974758, -237.41817939113608],
    },
    Root {
        at: Double::new(-6.678418213073427, 3.470798723495241e-16),
        slope: Double::new(13.61885190419576, -7.135780553752631e-16),
        bends: [-27.138720475450622, 98.75629029391955, -283.9889360971214],
    },
    Root {
        at: Double::new(-7.687788325031626, -1.351562494643672e-16),
        slope: Double::new(14.17134063324115, -6.249516188433109e-16),
        bends: [-30.070057845407266, 110.25217734518726, -330.7928072979211],
    },
    Root {
        at: Double::new(-8.695764163816401, -3.2859903716289447e-16),
        slope: Double::new(14.685967981672645, -5.723133091848305e-16),
        bends: [-32.83860036635177, 121.5353573419734, -377.731730126488],
    },
    Root {
        at: Double::new(-9.702672540001863, -3.2563178405401477e-16),
        slope: Double::new(15.168227153977934, 6.378153190846254e-16),
        bends: [-35.4688400421718, 132.60808169720988, -424.727902889821],
    },
    Root {
        at: Double::new(-10.708740838254144, -6.287211750540301e-16),
        slope: Double::new(15.622457622439102, -3.671625513240059e-16),
        bends: [-37.97933883319623, 143.47631957847452, -471.72039977460884],
    },
    Root {
        at: Double::new(-11.714133061228955, 8.598250154343834e-16),
        slope: Double::new(16.052149399699143, -2.276253500863315e-16),
        bends: [-40.384634336499815, 154.14769585798456, -518.6616407332815],
    },
];

/// The Taylor series at the root that is near, if there is one.
fn near_root(roots: &[Root], x: f64) -> Option<f64> {
    let root = roots.iter().find(|root| (x - root.at.high).abs() < NEAR_ROOT)?;
    let d = Double::from(x - root.at.high) - Double::from(root.at.low);
    let bend = root.bends.iter().rev().fold(0.0, |sum, c| sum * d.high + c);
    Some((root.slope * d + Double::from(bend * d.high * d.high)).value())
}

/// `x`, `x + 1` … up to where the series are accurate; the last is where to take them.
fn steps(x: Double) -> (Vec<Double>, Double) {
    let mut passed = Vec::new();
    let mut y = x;
    while y.high < FAR {
        passed.push(y);
        y = x + Double::from(passed.len() as f64);
    }
    (passed, y)
}

/// `lgamma(x)` for x from [`FAR`] on.
fn stirling(x: Double) -> Double {
    (x - Double::from(0.5)) * x.log() - x + HALF_LOG_2PI + stirling_rest(x)
}

fn product(factors: &[Double]) -> Double {
    factors.iter().fold(Double::from(1.0), |product, factor| product * *factor)
}

/// The distance to the nearest integer; 0 at the poles and beyond all fractions.
pub(super) fn from_integer(x: f64) -> f64 {
    x - libm::roundeven(x)
}

/// `sin(πx)/π` by the distance `r` to the nearest integer, without its sign there.
fn sine_of_half_turns(r: f64) -> Double {
    Double::from(r).sin_cos_of_half_turns().0 / PI
}

/// Beyond this, gamma is larger than every f64.
const LARGEST_GAMMA: f64 = 172.0;

/// Below this, gamma is smaller than every f64 between its poles.
const SMALLEST_GAMMA: f64 = -250.0;

/// Nearer to 0 than this, gamma is `1/x`.
const NEAR_ZERO: f64 = 1e-20;

/// The gamma function: NaN at its poles below 0, an infinity with the sign of the zero at 0.
pub fn gamma(u: f64) -> f64 {
    if u.is_nan() || u == f64::NEG_INFINITY || u < 0.0 && from_integer(u) == 0.0 {
        f64::NAN
    } else if has_whole_factorial(u - 1.0) {
        whole_factorial(u - 1.0)
    } else if u.abs() < NEAR_ZERO {
        1.0 / u
    } else if u > LARGEST_GAMMA {
        f64::INFINITY
    } else if u > 0.0 {
        gamma_of(Double::from(u)).value()
    } else if u < SMALLEST_GAMMA {
        0f64.copysign(sign_left_of_zero(u))
    } else {
        gamma_left_of_zero(u)
    }
}

/// For x > 0.
fn gamma_of(x: Double) -> Scaled {
    let (passed, y) = steps(x);
    stirling(y).exp() / product(&passed)
}

/// `gamma(u)*gamma(1 - u) = π/sin(πu)`
fn gamma_left_of_zero(u: f64) -> f64 {
    let sine = sine_of_half_turns(from_integer(u)).abs();
    let mirrored = gamma_of(Double::sum(1.0, -u));
    let size = Scaled { size: Double::from(1.0), exponent: -mirrored.exponent } / (sine * mirrored.size);
    size.value().copysign(sign_left_of_zero(u))
}

/// The sign of gamma between its poles.
fn sign_left_of_zero(u: f64) -> f64 {
    if libm::fmod(libm::floor(u), 2.0) == 0.0 { 1.0 } else { -1.0 }
}

/// The largest integer whose factorial an f64 can hold.
const LARGEST_FACTORIAL: f64 = 170.0;

/// The factorial of an integer from 0 to 170.
fn whole_factorial(n: f64) -> f64 {
    (2..=n as u32).fold(Double::from(1.0), |product, k| product * Double::from(f64::from(k))).value()
}

fn has_whole_factorial(n: f64) -> bool {
    (0.0..=LARGEST_FACTORIAL).contains(&n) && n.fract() == 0.0
}

/// `gamma(n + 1)`
pub fn factorial(n: f64) -> f64 {
    if n.is_nan() {
        return n;
    }
    if has_whole_factorial(n) {
        return whole_factorial(n);
    }
    let next = Double::sum(n, 1.0);
    if next.low == 0.0 || next.high < 0.5 || n > LARGEST_GAMMA {
        return gamma(next.high);
    }
    gamma_of(next).value()
}

/// `log(gamma(1 + t))` by powers of t: Euler's constant with its sign, then `ζ(k)/k` from 2 on with falling signs.
const AT_ONE: (Double, [f64; 14]) = (
    Double::new(-0.5772156649015329, 4.942915152430645e-18),
    [
        0.8224670334241132,
        -0.40068563438653143,
        0.27058080842778454,
        -0.20738555102867398,
        0.1695571769974082,
        -0.1440498967688461,
        0.12550966952474304,
        -0.11133426586956469,
        0.1000994575127818,
        -0.09095401714582904,
        0.083353840546109,
        -0.0769325164113522,
        0.07143294629536133,
        -0.06666870588242046,
    ],
);

/// `log(gamma(2 + t))` by powers of t: the same with `ζ(k) - 1`.
const AT_TWO: (Double, [f64; 14]) = (
    Double::new(0.42278433509846713, 4.942915152430645e-18),
    [
        0.3224670334241132,
        -0.0673523010531981,
        0.020580808427784546,
        -0.007385551028673986,
        0.0028905103307415234,
        -0.001192753911703261,
        0.0005096695247430425,
        -0.00022315475845357939,
        9.945751278180853e-05,
        -4.492623673813314e-05,
        2.050721277567069e-05,
        -9.439488275268397e-06,
        4.374866789907488e-06,
        -2.039215753801366e-06,
    ],
);

/// How far from 1 and 2 those series are taken.
const NEAR_ONE: f64 = 0.0625;

fn near_one(series: &(Double, [f64; 14]), t: f64) -> f64 {
    let rest = series.1.iter().rev().fold(0.0, |sum, c| sum * t + c);
    (series.0 * Double::from(t) + Double::from(rest * t * t)).value()
}

/// From here on the logarithm and the factor before it are all that counts.
const HUGE: f64 = 1e17;

/// `log|gamma(u)|`, infinite at the poles.
pub fn lgamma(u: f64) -> f64 {
    if u.is_nan() || u.is_infinite() {
        u.abs()
    } else if u <= 0.0 && from_integer(u) == 0.0 {
        f64::INFINITY
    } else if u.abs() < NEAR_ZERO {
        -log_in_parts(Double::from(u.abs())).value()
    } else if (u - 1.0).abs() < NEAR_ONE {
        near_one(&AT_ONE, u - 1.0)
    } else if (u - 2.0).abs() < NEAR_ONE {
        near_one(&AT_TWO, u - 2.0)
    } else if u > HUGE {
        lgamma_of_huge(u)
    } else if u > 0.0 {
        lgamma_of(Double::from(u)).value()
    } else {
        near_root(&LGAMMA_ROOTS, u).unwrap_or_else(|| lgamma_left_of_zero(u))
    }
}

/// For x > 0, to 2^-97 of what is added up.
pub(super) fn lgamma_of(x: Double) -> Double {
    let (passed, y) = steps(x);
    if passed.is_empty() { stirling(y) } else { stirling(y) - product(&passed).log() }
}

/// `x*(log(x) - 1)`, scaled down while the product might overflow.
fn lgamma_of_huge(x: f64) -> f64 {
    let logarithm = Double::from(x).log() - Double::from(1.0);
    (logarithm * Double::from(x * 0.5f64.powi(60))).value() * 2f64.powi(60)
}

fn lgamma_left_of_zero(u: f64) -> f64 {
    let sine = sine_of_half_turns(from_integer(u)).abs();
    -(sine.log() + lgamma_of(Double::sum(1.0, -u))).value()
}

/// `lgamma(a) + lgamma(b) - lgamma(a + b)` for positive arguments. Where one is large the leading terms of Stirling's formula
/// are cancelled by hand (Didonato and Morris, Algorithm 708).
pub fn lbeta(a: f64, b: f64) -> f64 {
    let (p, q) = if a < b { (a, b) } else { (b, a) };
    if p.is_nan() || q.is_nan() || p < 0.0 {
        return f64::NAN;
    }
    if p == 0.0 || q.is_infinite() {
        return if p == 0.0 { f64::INFINITY } else { f64::NEG_INFINITY };
    }
    let (small, large) = (Double::from(p), Double::from(q));
    let value = if p < NEAR_ZERO {
        let ratio = Double::from(if q < 1.0 { p / q } else { 0.0 });
        log1p_in_parts(ratio) - log_in_parts(small)
    } else if q < FAR {
        lgamma_of(small) + lgamma_of(large) - lgamma_of(small + large)
    } else if p < FAR {
        let steep = small * (small + large).log() + (large - Double::from(0.5)) * (small / large).log1p();
        lgamma_of(small) + small - steep + stirling_rest(large) - stirling_rest(small + large)
    } else {
        let steep = (small - Double::from(0.5)) * (large / small).log1p() + large * (small / large).log1p();
        let rest = stirling_rest(small) + stirling_rest(large) - stirling_rest(Double::from(p + q));
        HALF_LOG_2PI - Double::from(0.5) * large.log() - steep + rest
    };
    value.value()
}

/// What lgamma(x) has beyond `(x - 1/2)*log(x) - x + log(2π)/2`.
fn stirling_rest(x: Double) -> Double {
    let inverse = Double::from(1.0) / x;
    STIRLING.at(inverse * inverse) * inverse
}

/// The slope of lgamma; NaN at the poles, whose sides differ in sign.
pub fn digamma(x: f64) -> f64 {
    if x.is_nan() || x == f64::INFINITY {
        x
    } else if x == f64::NEG_INFINITY || x <= 0.0 && from_integer(x) == 0.0 {
        f64::NAN
    } else if x.abs() < NEAR_ZERO {
        -1.0 / x
    } else if let Some(value) = near_root(&DIGAMMA_ROOTS, x) {
        value
    } else if x > 0.0 {
        digamma_of(Double::from(x)).value()
    } else {
        // digamma(1 - x) - π/tan(πx)
        let (sine, cosine) = Double::from(from_integer(x)).sin_cos_of_half_turns();
        (digamma_of(Double::sum(1.0, -x)) - PI * cosine / sine).value()
    }
}

/// For x > 0: `log(x) - 1/(2x) - Σ B(2k)/(2k x^2k)` where that is accurate, less `1/x` for every step on the way.
fn digamma_of(x: Double) -> Double {
    let (passed, y) = steps(x);
    let inverse = Double::from(1.0) / y;
    let square = inverse * inverse;
    let far = y.log() - (Double::from(0.5) * inverse + DIGAMMA.at(square) * square);
    passed.iter().fold(far, |sum, step| sum - Double::from(1.0) / *step)
}
