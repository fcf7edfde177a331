package api

import (
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-analyze/charts"

	"headstart/shared/fault"
)

// chart is a bar chart with its numbers as a table.
type chart struct {
	ID     string // unique on its page
	Title  string
	About  string   // what it shows, in a sentence: also for those who cannot see it
	First  string   // heading of the bars' names
	Names  []string // of the bars
	Series []series
	SVG    template.HTML
}

// series is one set of bars; its name heads its column of the table.
type series struct {
	Name   string
	Values []float64
	told   bool // in the table alone: another unit than that of the bars
}

// Rows returns the chart's numbers line by line.
func (c *chart) Rows() (rows [][]string) {
	for i, name := range c.Names {
		row := []string{name}
		for _, s := range c.Series {
			row = append(row, strconv.FormatFloat(s.Values[i], 'f', -1, 64))
		}
		rows = append(rows, row)
	}
	return rows
}

// The size of a chart in its own units; the page scales it to its width. Narrow
// enough that its text can still be read on a phone.
const chartWidth, chartHeight = 480, 230

// The library is told these colours, and each is then given its meaning: ink is
// that of the page's text, whether the page is light or dark; the bars differ
// from either ground by three to one and from each other in lightness too.
var (
	inkColor    = charts.Color{R: 1, G: 1, B: 1, A: 255}
	gridColor   = charts.Color{R: 2, G: 2, B: 2, A: 255}
	groundColor = charts.Color{R: 3, G: 3, B: 3, A: 255}
	barColors   = []charts.Color{{R: 0x2f, G: 0x7e, B: 0xbc, A: 255}, {R: 0xc4, G: 0x6f, B: 0x14, A: 255}}
	meanings    = map[string]string{"rgb(1,1,1)": "currentColor", "rgb(2,2,2)": "currentColor", "rgb(3,3,3)": "none"}
)

// draw makes the chart's SVG. It holds no style attribute, which the page's
// content policy would refuse, and no text that somebody could have chosen.
func (c *chart) draw() error {
	var values [][]float64
	var names []string
	for _, s := range c.Series {
		if !s.told {
			values, names = append(values, s.Values), append(names, s.Name)
		}
	}
	text := charts.FontStyle{FontSize: 9.5, FontColor: inkColor}
	o := charts.NewBarChartOptionWithData(values)
	o.Theme = charts.MakeTheme(charts.ThemeOption{AxisStrokeColor: inkColor, AxisSplitLineColor: gridColor,
		BackgroundColor: groundColor, TextColor: inkColor, SeriesColors: barColors})
	o.Padding = charts.NewBox(4, 8, 24, 4)
	o.CategoryAxis.Labels, o.CategoryAxis.LabelFontStyle = c.labels(), text
	o.CategoryAxis.LabelCount = len(c.Names)
	axis := &o.ValueAxis[0]
	axis.LabelFontStyle, axis.LabelCount, axis.Min, axis.Max = text, steps+1, charts.Ptr(0.0), charts.Ptr(steps*step(values))
	o.Legend = charts.LegendOption{SeriesNames: names, FontStyle: text, Symbol: charts.SymbolSquare}
	p := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputSVG, Width: chartWidth, Height: chartHeight})
	if err := p.BarChart(o); err != nil {
		return fault.As(fault.Internal, err, "drawing "+c.ID)
	}
	drawn, err := p.Bytes()
	if err != nil {
		return fault.As(fault.Internal, err, "drawing "+c.ID)
	}
	c.SVG = template.HTML(c.describe(styled(string(drawn)))) // numbers and names of this package alone
	return nil
}

// steps is how many lines a chart has above its ground.
const steps = 5

// step returns the least of 1, 2, 5, 10, 20, 50 and so on with which the steps
// reach above every value.
func step(values [][]float64) float64 {
	most := 0.0
	for _, v := range values {
		most = max(most, slices.Max(v))
	}
	for ten := 1.0; ; ten *= 10 {
		for _, n := range []float64{1, 2, 5} {
			if steps*n*ten >= most {
				return n * ten
			}
		}
	}
}

// labels returns the bars' names, of which only as many are shown as have room.
func (c *chart) labels() []string {
	const room = 8
	step := (len(c.Names) + room - 1) / room
	labels := make([]string, len(c.Names))
	for i := 0; i < len(labels); i += step {
		labels[i] = c.Names[i]
	}
	return labels
}

// describe gives the picture a name and a description for screen readers.
func (c *chart) describe(svg string) string {
	_, inside, _ := strings.Cut(svg, ">")
	return fmt.Sprintf(`<svg viewBox="0 0 %d %d" role="img" aria-labelledby="%[3]s-title %[3]s-desc"><title id="%[3]s-title">%[4]s</title><desc id="%[3]s-desc">%[5]s</desc>%[6]s`,
		chartWidth, chartHeight, c.ID, template.HTMLEscapeString(c.Title), template.HTMLEscapeString(c.About), inside)
}

var styleAttribute = regexp.MustCompile(`style="([^"]*)"`)

// styled turns style attributes into the presentation attributes of SVG that mean
// the same. Fonts are left to the page.
func styled(svg string) string {
	return styleAttribute.ReplaceAllStringFunc(svg, func(attribute string) string {
		var out []string
		for declaration := range strings.SplitSeq(styleAttribute.FindStringSubmatch(attribute)[1], ";") {
			name, value, _ := strings.Cut(declaration, ":")
			switch {
			case name == "" || name == "font-family":
				continue
			case value == "rgb(2,2,2)":
				out = append(out, `stroke-opacity="0.2"`)
			}
			if meaning, known := meanings[value]; known {
				value = meaning
			}
			out = append(out, fmt.Sprintf("%s=%q", name, value))
		}
		return strings.Join(out, " ")
	})
}
